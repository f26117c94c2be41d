"""Links that people paste: a video id, or a sentence that says why not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from youtube_analysis.errors import InvalidLink, PlaylistLink
from youtube_analysis.models.video import VideoLink, parse_link

ID = "dQw4w9WgXcQ"

GOOD = [
    (f"https://www.youtube.com/watch?v={ID}", VideoLink(ID)),
    (f"http://www.youtube.com/watch?v={ID}", VideoLink(ID)),
    (f"www.youtube.com/watch?v={ID}", VideoLink(ID)),
    (f"youtube.com/watch?v={ID}", VideoLink(ID)),
    (f"//youtube.com/watch?v={ID}", VideoLink(ID)),
    (f"HTTPS://WWW.YouTube.COM/watch?v={ID}", VideoLink(ID)),
    (f"https://m.youtube.com/watch?v={ID}", VideoLink(ID)),
    (f"https://music.youtube.com/watch?v={ID}&list=RDAMVM", VideoLink(ID, None, "RDAMVM")),
    (f"https://www.youtube.com:443/watch?v={ID}", VideoLink(ID)),
    (f"https://www.youtube.com./watch?v={ID}", VideoLink(ID)),
    (f"https://www.youtube.com/watch/{ID}", VideoLink(ID)),
    (f"https://www.youtube.com/watch?feature=share&v={ID}&pp=xyz", VideoLink(ID)),
    (f"https://www.youtube.com/watch?v={ID}&t=95", VideoLink(ID, 95)),
    (f"https://www.youtube.com/watch?v={ID}&t=95s", VideoLink(ID, 95)),
    (f"https://www.youtube.com/watch?v={ID}&t=1h2m3s", VideoLink(ID, 3723)),
    (f"https://www.youtube.com/watch?v={ID}&t=4m", VideoLink(ID, 240)),
    (f"https://www.youtube.com/watch?v={ID}#t=30", VideoLink(ID, 30)),
    (f"https://www.youtube.com/watch?v={ID}&start=12", VideoLink(ID, 12)),
    (f"https://www.youtube.com/watch?v={ID}&t=soon", VideoLink(ID)),
    (f"https://www.youtube.com/watch?v={ID}&t=", VideoLink(ID)),
    (f"https://youtu.be/{ID}", VideoLink(ID)),
    (f"youtu.be/{ID}", VideoLink(ID)),
    (f"https://youtu.be/{ID}?t=4321", VideoLink(ID, 4321)),
    (f"https://youtu.be/{ID}?si=abc&t=5", VideoLink(ID, 5)),
    (f"https://youtu.be/{ID}?list=PL1", VideoLink(ID, None, "PL1")),
    (f"https://youtu.be/{ID}/", VideoLink(ID)),
    (f"https://www.youtube.com/shorts/{ID}", VideoLink(ID)),
    (f"https://youtube.com/shorts/{ID}?feature=share", VideoLink(ID)),
    (f"https://www.youtube.com/live/{ID}?si=x", VideoLink(ID)),
    (f"https://www.youtube.com/embed/{ID}?start=7", VideoLink(ID, 7)),
    (f"https://www.youtube-nocookie.com/embed/{ID}", VideoLink(ID)),
    (f"https://youtube-nocookie.com/embed/{ID}", VideoLink(ID)),
    (f"https://www.youtube.com/v/{ID}", VideoLink(ID)),
    (f"https://www.youtube.com/e/{ID}", VideoLink(ID)),
    (f"<https://youtu.be/{ID}>", VideoLink(ID)),
    (f"<https://youtu.be/{ID}|a video>", VideoLink(ID)),
    (f"  https://youtu.be/{ID}\n", VideoLink(ID)),
    ("https://youtu.be/-_-_-_-_-_-", VideoLink("-_-_-_-_-_-")),
]

# Put together by hand, by programs or by chats; a browser opens most of them.
MALFORMED = [
    (f"https://youtu.be/{ID}&t=61", VideoLink(ID, 61)),
    (f"https://youtu.be/{ID}&list=PL1", VideoLink(ID, None, "PL1")),
    (f"https://youtu.be/watch?v={ID}&t=61", VideoLink(ID, 61)),
    (f"https://youtu.be//{ID}", VideoLink(ID)),
    (f"https://www.youtube.com/watch?v={ID}?t=61", VideoLink(ID, 61)),
    (f"https://www.youtube.com/watch?v={ID}?si=abc#t=61", VideoLink(ID, 61)),
    (f"https://www.youtube.com/watch?v={ID}/", VideoLink(ID)),
    (f"https://www.youtube.com/watch?v={ID})", VideoLink(ID)),
    (f"https://www.youtube.com/watch/?v={ID}", VideoLink(ID)),
    (f"https://www.youtube.com/watch&v={ID}", VideoLink(ID)),
    (f"https://www.youtube.com/watch?app=desktop&amp;v={ID}&amp;t=61s", VideoLink(ID, 61)),
    (f"https://www.youtube.com/watch?app=desktop&amp;amp;v={ID}", VideoLink(ID)),
    (f"https://www.youtube.com/watch%3Fv%3D{ID}%26t%3D61", VideoLink(ID, 61)),
    (f"https://www.youtube.com/shorts/{ID}&feature=share", VideoLink(ID)),
    (f"https://www.youtube.com/live/{ID}&t=1m1s", VideoLink(ID, 61)),
    (f"https://www.youtube.com/embed/{ID}.", VideoLink(ID)),
    (f"https://www.youtube.com/watch?v={ID}&t=61.9", VideoLink(ID, 61)),
    (f"https://www.youtube.com/watch?v={ID}&t=61.9s", VideoLink(ID, 61)),
    (f"https://www.youtube.com/watch?v={ID}&t=61/", VideoLink(ID, 61)),
    (f"https://www.youtube.com/watch?v={ID}&t=1m1", VideoLink(ID, 61)),
    (f"https:/youtu.be/{ID}", VideoLink(ID)),
    (f"https://https://youtu.be/{ID}", VideoLink(ID)),
    (f"https://youtu.be/shorts/{ID}", VideoLink(ID)),
    (f"https://youtu.be/live/{ID}?t=61", VideoLink(ID, 61)),
    (f"https://youtu.be/?v={ID}", VideoLink(ID)),
    (f"https://www.youtube.com/?v={ID}", VideoLink(ID)),
    (f"https://www.youtube.com/embed/?v={ID}", VideoLink(ID)),
    (f"https://www.youtube.com/watch_popup?v={ID}", VideoLink(ID)),
    (f"https://m.youtube.com/#/watch?v={ID}", VideoLink(ID)),
    (f"https://www.youtube.com/watch?v={ID}&t=1:30", VideoLink(ID)),
]

# Pages of YouTube's that lead to a video.
LEADING = [
    (f"https://www.youtube.com/attribution_link?u=%2Fwatch%3Fv%3D{ID}%26x%3Dy", VideoLink(ID)),
    (f"https://consent.youtube.com/m?continue=https%3A%2F%2Fyoutu.be%2F%3Fv%3D{ID}", VideoLink(ID)),
    (
        f"https://consent.youtube.com/m?gl=DE&continue=%2Fwatch%3Fv%3D{ID}%26t%3D61",
        VideoLink(ID, 61),
    ),
    (f"https://studio.youtube.com/video/{ID}/edit", VideoLink(ID)),
    (f"https://www.youtubekids.com/watch?v={ID}", VideoLink(ID)),
]

BAD = [
    *(
        "",
        " ",
        "hello",
        "hello there",
        "42",
        "<>",
        "<|>",
        "://",
        "http://",
        "https:///",
        "?v=" + ID,
    ),
    *(ID, f"watch?v={ID}", f"/watch?v={ID}", "mailto:me@youtube.com", "javascript:alert(1)"),
    f"ftp://www.youtube.com/watch?v={ID}",
    f"file://www.youtube.com/watch?v={ID}",
    f"data:text/html,youtube.com/watch?v={ID}",
    f"https://youtube.com.evil.example/watch?v={ID}",
    f"https://evil.example/youtube.com/watch?v={ID}",
    f"https://evil.example/?u=https://youtu.be/{ID}",
    f"https://evil.example#youtube.com/watch?v={ID}",
    f"https://evil.example\\@youtube.com/watch?v={ID}",
    f"https://www.youtube.com@evil.example/watch?v={ID}",
    f"https://user@www.youtube.com/watch?v={ID}",
    f"https://user:pass@www.youtube.com/watch?v={ID}",
    f"https://www.youtube.com:8443/watch?v={ID}",
    f"https://www.youtube.com:99999/watch?v={ID}",
    f"https://www.youtube.com:port/watch?v={ID}",
    f"https://notyoutube.com/watch?v={ID}",
    f"https://youtube.co/watch?v={ID}",
    f"https://youtube.org/watch?v={ID}",
    f"https://yout.be/{ID}",
    f"https://youtu.be.evil.example/{ID}",
    f"https://xyoutu.be/{ID}",
    f"https://youtube。com/watch?v={ID}",
    f"https://ｙoutube.com/watch?v={ID}",
    f"https://yоutube.com/watch?v={ID}",
    f"https://xn--yutube-wqf.com/watch?v={ID}",
    f"https://www.youtube.com\u200b/watch?v={ID}",
    f"https://[::1]/watch?v={ID}",
    f"https://[youtube.com/watch?v={ID}",
    f"https://127.0.0.1/watch?v={ID}",
    f"https://www.youtube.com/watch?v={ID[:-1]}",
    f"https://www.youtube.com/watch?v={ID}x",
    "https://www.youtube.com/watch?v=",
    "https://www.youtube.com/watch?v=dQw4w9WgXc!",
    "https://www.youtube.com/watch?v=dQw4w9WgXc%00",
    "https://www.youtube.com/watch?v=../../etc/p",
    "https://www.youtube.com/watch",
    "https://www.youtube.com/",
    "https://www.youtube.com",
    "https://www.youtube.com/@somebody",
    "https://www.youtube.com/channel/UCabc",
    "https://www.youtube.com/c/somebody",
    "https://www.youtube.com/results?search_query=cats",
    f"https://www.youtube.com/redirect?q=https://youtu.be/{ID}",
    f"https://consent.youtube.com.evil.example/m?continue=https://youtu.be/watch?v={ID}",
    f"https://evil.example/?continue=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D{ID}",
    "https://consent.youtube.com/m?continue=https://evil.example",
    f"https://www.youtube.com/oembed?url=https://youtu.be/{ID}",
    "https://www.youtube.com/shorts/",
    "https://www.youtube.com/shorts/short",
    "https://www.youtube.com/live",
    "https://www.youtube.com/clip/UgkxAbc",
    "https://youtu.be/",
    "https://youtu.be",
    f"https://youtu.be/{ID} and more",
    f"look at https://youtu.be/{ID}",
    f"https://youtu.be/{ID}\nhttps://youtu.be/{ID}",
    f"https://youtu.be/\u202e{ID}",
    f"https://youtu.be/{ID}{'a' * 5000}",
    "https://www.youtube.com/watch?" + "&".join(f"a{n}=1" for n in range(500)),
]

PLAYLISTS = [
    "https://www.youtube.com/playlist?list=PLabc",
    "youtube.com/playlist?list=PLabc",
    "https://www.youtube.com/embed/videoseries?list=PLabc",
    "https://www.youtube.com/watch?list=PLabc",
    "https://youtu.be/?list=PLabc",
    "https://music.youtube.com/playlist?list=OLAK5uy",
]


@pytest.mark.parametrize(("text", "link"), [*GOOD, *MALFORMED, *LEADING])
def test_links_to_a_video(text: str, link: VideoLink) -> None:
    assert parse_link(text) == link


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidLink) as caught:
        parse_link(text)
    assert type(caught.value) is InvalidLink
    assert "https://youtu.be/<id>" in caught.value.message


@pytest.mark.parametrize("text", PLAYLISTS)
def test_playlists_are_named_as_such(text: str) -> None:
    with pytest.raises(PlaylistLink, match="playlist"):
        parse_link(text)


_HOSTS = st.sampled_from(
    [
        "youtube.com",
        "www.youtube.com",
        "youtu.be",
        "m.youtube.com",
        "youtube.com.x.example",
        "[::1]",
    ]
)
_PIECES = st.one_of(
    st.sampled_from(["watch", "shorts", "embed", "live", ID, "..", "%2e", "videoseries", "", "@x"]),
    st.text(max_size=14),
)
_LINKS = st.builds(
    lambda scheme, user, host, port, path, query, fragment: (
        f"{scheme}{user}{host}{port}/{'/'.join(path)}{query}{fragment}"
    ),
    st.sampled_from(["https://", "http://", "", "//", "ftp://", "<https://"]),
    st.sampled_from(["", "", "", "a@", "a:b@", "@"]),
    _HOSTS,
    st.sampled_from(["", "", ":443", ":99999", ":x", ":-1"]),
    st.lists(_PIECES, max_size=3),
    st.one_of(st.just(""), st.builds(lambda q: f"?v={ID}&t={q}", st.text(max_size=12))),
    st.one_of(st.just(""), st.builds(lambda f: f"#{f}", st.text(max_size=12))),
)


@settings(max_examples=1000, derandomize=True)
@given(st.one_of(_LINKS, st.text(max_size=80)))
def test_generated_links_give_a_link_or_a_typed_error(text: str) -> None:
    try:
        link = parse_link(text)
    except InvalidLink:
        return
    assert len(link.video_id) == 11
    assert link.start is None or link.start >= 0


@settings(max_examples=400, derandomize=True)
@given(
    st.from_regex(r"[A-Za-z0-9_-]{11}", fullmatch=True),
    st.integers(0, 99_999),
    st.sampled_from(["youtu.be/{}?", "youtube.com/watch?v={}&", "m.youtube.com/shorts/{}?"]),
)
def test_every_video_and_second_survives(video_id: str, second: int, form: str) -> None:
    assert parse_link(f"https://{form.format(video_id)}t={second}") == VideoLink(video_id, second)


def test_hand_made_links_are_as_many_as_said() -> None:
    assert len(GOOD) + len(MALFORMED) + len(BAD) + len(PLAYLISTS) >= 110
