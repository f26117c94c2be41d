"""Who is next in a queue in front of an upstream, and what those who wait are told."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from youtube_analysis.upstream import FairQueue, QueueSlot, bound_tenant


def join(queue: FairQueue, tenant: str, stack: ExitStack) -> QueueSlot:
    with bound_tenant(tenant):
        return stack.enter_context(queue.slot())


async def told() -> None:
    """Until whoever waits knows its place."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_one_tenants_fifty_do_not_hold_up_anothers_single_one() -> None:
    queue = FairQueue(2)
    with ExitStack() as crowd, ExitStack() as other:
        leaving = [crowd.enter_context(ExitStack()) for _ in range(50)]
        many = [join(queue, "many", stack) for stack in leaving]
        single = join(queue, "single", other)
        await told()
        assert [slot.position for slot in many[:2]] == [0, 0]
        assert single.position == 1
        await until(lambda: [slot.position for slot in many[2:4]] == [2, 3])
        leaving[0].close()
        await told()
        assert single.position == 0
        await until(lambda: many[2].position == 1)
        leaving[1].close()
        assert many[2].position == 0


async def test_who_waits_is_told_each_place_until_it_is_their_turn() -> None:
    queue = FairQueue(1)
    heard: list[int] = []

    async def wait() -> None:
        with queue.slot() as slot:
            async for position in slot.positions():
                heard.append(position)  # noqa: PERF401 - looked at meanwhile

    with ExitStack() as first, ExitStack() as second:
        first.enter_context(queue.slot())
        second.enter_context(queue.slot())
        waiting = asyncio.create_task(wait())
        await until(lambda: heard == [2])
        second.close()
        await until(lambda: heard == [2, 1])
        first.close()
        await waiting
    assert heard == [2, 1]
    assert (queue.served, queue.waiting) == (0, 0)


async def until(fulfilled: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not fulfilled():  # noqa: ASYNC110 - a queue tells only who stands in it
            await asyncio.sleep(0)


async def test_nobody_is_let_in_before_there_is_room() -> None:
    room = [0.01]
    queue = FairQueue(5, until_room=lambda: room[0])
    with ExitStack() as stack:
        slot = join(queue, "a", stack)
        await told()
        assert slot.position == 1
        room[0] = 0.0
        await until(lambda: slot.position == 0)


TENANTS = st.lists(st.sampled_from("abc"), min_size=1, max_size=30)


@settings(max_examples=100, derandomize=True)
@given(slots=st.integers(1, 4), tenants=TENANTS, chances=st.randoms(use_true_random=False))
def test_no_order_of_coming_and_going_loses_a_place(
    slots: int, tenants: list[str], chances: Random
) -> None:
    asyncio.run(_come_and_go(slots, tenants, chances.random))


async def _come_and_go(slots: int, tenants: list[str], chance: Callable[[], float]) -> None:
    queue = FairQueue(slots)
    inside: list[tuple[QueueSlot, ExitStack]] = []
    for tenant in tenants:
        stack = ExitStack()
        inside.append((join(queue, tenant, stack), stack))
        if chance() < 0.4:
            inside.pop(int(chance() * len(inside)))[1].close()
        await told()
        served = [slot for slot, _ in inside if slot.position == 0]
        places = sorted(slot.position for slot, _ in inside if slot.position)
        assert len(served) == min(slots, len(inside)) == queue.served
        assert places == list(range(1, len(places) + 1))
    for _, stack in inside:
        stack.close()
    assert (queue.served, queue.waiting) == (0, 0)


async def test_who_asks_again_at_once_is_not_served_before_those_who_wait() -> None:
    queue, served = FairQueue(1), list[str]()
    with ExitStack() as everybody:

        def joined(tenant: str) -> tuple[str, QueueSlot, ExitStack]:
            stack = everybody.enter_context(ExitStack())
            return tenant, join(queue, tenant, stack), stack

        waiting = [joined(tenant) for tenant in (*("a", "b") * 6, "again")]
        for _ in range(9):
            ((tenant, slot, stack),) = (one for one in waiting if one[1].position == 0)
            waiting.remove((tenant, slot, stack))
            stack.close()
            served.append(tenant)
            if tenant == "again":
                waiting.append(joined(tenant))
        assert served.count("again") == 3
