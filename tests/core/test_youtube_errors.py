"""Every way in which YouTube or its library fails becomes one of ours: a sentence for a chat."""

import inspect
from collections.abc import Mapping

import pytest
from youtube_transcript_api import _errors as library

from fakes.youtube_bodies import Failure, Video
from houses import ID, house
from youtube_analysis import Settings, VideoAnalysisError
from youtube_analysis.errors import (
    AgeRestricted,
    CaptionsDisabled,
    CaptionsWithheld,
    NotYetAired,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeBlocked,
    YouTubeBusy,
    YouTubeChanged,
    YouTubeError,
    YouTubeUnreachable,
)
from youtube_analysis.repositories.youtube import HttpSession, YouTubeRepository
from youtube_analysis.repositories.youtube.bridge import translate

FAILURES: list[tuple[Mapping[Failure, str | None], type[VideoAnalysisError]]] = [
    ({Failure.CAPTIONS_DISABLED: None}, CaptionsDisabled),
    ({Failure.CAPTIONS_WITHOUT_TRACKS: None}, CaptionsDisabled),
    ({Failure.UNAVAILABLE: None}, VideoUnavailable),
    ({Failure.PRIVATE: None}, VideoUnavailable),
    ({Failure.UNPLAYABLE: None}, VideoUnplayable),
    ({Failure.AGE_RESTRICTED: None}, AgeRestricted),
    ({Failure.BOT_CHECK: None}, YouTubeBlocked),
    ({Failure.RECAPTCHA: None}, YouTubeBlocked),
    ({Failure.TOO_MANY: "watch"}, YouTubeBlocked),
    ({Failure.CAPTCHA: "watch"}, YouTubeBlocked),
    ({Failure.CAPTCHA: "timedtext"}, YouTubeBlocked),
    ({Failure.TOO_MANY: "timedtext"}, YouTubeBlocked),
    ({Failure.PREMIERE: None}, NotYetAired),
    ({Failure.LIVE: None}, NotYetAired),
    ({Failure.PO_TOKEN: None}, CaptionsWithheld),
    ({Failure.NO_KEY: None}, YouTubeChanged),
    ({Failure.CONSENT_INVALID: None}, YouTubeChanged),
    ({Failure.CONSENT_FOR_EVER: None}, YouTubeChanged),
    ({Failure.ODD_JSON: None}, YouTubeChanged),
    ({Failure.TORN_JSON: None}, YouTubeChanged),
    ({Failure.ODD_TRACKS: None}, YouTubeChanged),
    ({Failure.EMPTY_CAPTIONS: None}, YouTubeChanged),
    ({Failure.HTML_CAPTIONS: None}, YouTubeChanged),
    ({Failure.SRV3_CAPTIONS: None}, YouTubeChanged),
    ({Failure.NO_CUES: None}, YouTubeChanged),
    ({Failure.FORBIDDEN: "player"}, YouTubeChanged),
    ({Failure.ELSEWHERE: "watch"}, YouTubeChanged),
    ({Failure.REDIRECTED: "watch"}, YouTubeChanged),
    ({Failure.OVERSIZE: "watch"}, YouTubeChanged),
    ({Failure.SERVER_ERROR: "player"}, YouTubeBusy),
    ({Failure.SERVER_ERROR: "timedtext"}, YouTubeBusy),
    ({Failure.CUT: "watch"}, YouTubeUnreachable),
    ({Failure.CUT: "timedtext"}, YouTubeUnreachable),
]


@pytest.mark.parametrize(
    ("failures", "error"),
    [pytest.param(f, e, id="-".join(x.name for x in f) + str(*f.values())) for f, e in FAILURES],
)
async def test_every_failure_is_one_of_ours_and_a_sentence(
    failures: Mapping[Failure, str | None], error: type[VideoAnalysisError]
) -> None:
    async with house() as home:
        home.youtube.add(Video(ID, failures=failures))
        with pytest.raises(VideoAnalysisError) as caught:
            await home.repository.read(ID)
        assert type(caught.value) is error
        message = caught.value.message
        assert message[0].isupper()
        assert message.endswith((".", "…)."))
        assert len(message) < 400
        assert "github" not in message
        assert "Traceback" not in message
        retried = isinstance(caught.value, YouTubeError) and caught.value.retryable
        assert len(home.slept) == (2 if retried else 0)
        if retried:
            assert home.slept == [0.5, 1.0]


async def test_a_stalled_answer_ends_in_time() -> None:
    async with house(total_timeout=0.2) as home:
        home.youtube.add(Video(ID, failures={Failure.STALL: "player"}))
        with pytest.raises(YouTubeUnreachable):
            await home.repository.read(ID)


async def test_nobody_listening_is_told() -> None:
    http = HttpSession(Settings(youtube_url="http://127.0.0.1:9"))

    async def sleep(_: float) -> None:
        return None

    repository = YouTubeRepository(http, sleep=sleep)
    with pytest.raises(YouTubeUnreachable):
        await repository.read(ID)
    await repository.close()
    await http.close()


OURS: dict[type[Exception], type[VideoAnalysisError]] = {
    library.AgeRestricted: AgeRestricted,
    library.CookieError: YouTubeChanged,
    library.CookieInvalid: YouTubeChanged,
    library.CookiePathInvalid: YouTubeChanged,
    library.CouldNotRetrieveTranscript: YouTubeChanged,
    library.FailedToCreateConsentCookie: YouTubeChanged,
    library.InvalidVideoId: YouTubeChanged,
    library.IpBlocked: YouTubeBlocked,
    library.NoTranscriptFound: YouTubeChanged,
    library.NotTranslatable: YouTubeChanged,
    library.PoTokenRequired: CaptionsWithheld,
    library.RequestBlocked: YouTubeBlocked,
    library.TranscriptsDisabled: CaptionsDisabled,
    library.TranslationLanguageNotAvailable: YouTubeChanged,
    library.VideoUnavailable: VideoUnavailable,
    library.VideoUnplayable: VideoUnplayable,
    library.YouTubeDataUnparsable: YouTubeChanged,
    library.YouTubeRequestFailed: YouTubeChanged,
    library.YouTubeTranscriptApiException: YouTubeChanged,
}


def test_every_exception_of_the_library_is_known() -> None:
    """A class that a new version brings breaks this until somebody decides what it means."""
    base = library.YouTubeTranscriptApiException
    classes = {c for _, c in inspect.getmembers(library, inspect.isclass) if issubclass(c, base)}
    assert classes == set(OURS)


@pytest.mark.parametrize(("theirs", "ours"), OURS.items())
def test_exceptions_of_the_library_are_translated(
    theirs: type[Exception], ours: type[VideoAnalysisError]
) -> None:
    translated = translate(theirs.__new__(theirs), {}, None)
    assert type(translated) is ours
    assert "jdepoix" not in translated.message
