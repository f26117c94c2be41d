"""What the local YouTube says: bodies of our own in the shape of the real ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

ORIGIN = "https://www.youtube.com"


class Failure(Enum):
    """How a video's requests fail. Those that may strike any request take the place as value
    (watch, player, timedtext)."""

    CAPTIONS_DISABLED = auto()
    CAPTIONS_WITHOUT_TRACKS = auto()
    UNAVAILABLE = auto()
    UNPLAYABLE = auto()
    PRIVATE = auto()
    AGE_RESTRICTED = auto()
    BOT_CHECK = auto()
    PREMIERE = auto()
    LIVE = auto()
    RECAPTCHA = auto()
    NO_KEY = auto()
    CONSENT = auto()
    CONSENT_INVALID = auto()
    CONSENT_FOR_EVER = auto()
    PO_TOKEN = auto()
    ODD_JSON = auto()
    TORN_JSON = auto()
    ODD_TRACKS = auto()
    EMPTY_CAPTIONS = auto()
    HTML_CAPTIONS = auto()
    SRV3_CAPTIONS = auto()
    NO_CUES = auto()
    NOT_TRANSLATED = auto()
    NO_DETAILS = auto()
    TOO_MANY = auto()
    SERVER_ERROR = auto()
    FORBIDDEN = auto()
    ELSEWHERE = auto()
    CAPTCHA = auto()
    REDIRECTED = auto()
    CUT = auto()
    STALL = auto()
    OVERSIZE = auto()


@dataclass(frozen=True)
class Track:
    """`cues` are (text, start, duration) with the text as spoken; `title` is what people called the
    track, if they did."""

    language: str
    cues: tuple[tuple[str, float, float], ...] = (("Hello there.", 0.0, 2.0),)
    generated: bool = False
    translatable: bool = True
    title: str = ""

    @property
    def name(self) -> str:
        told = " (auto-generated)" if self.generated else f" - {self.title}" if self.title else ""
        return f"{self.language.upper()}{told}"


@dataclass
class Video:
    """`times` counts down how often each failure still strikes; without an entry, always.

    `page`, `player`, `captions` and `consent` are bodies to answer with as they are, recorded
    ones say; `status` is the player's word on whether and why it does not play.
    """

    video_id: str
    title: str | None = "A local talk"
    channel: str = "Local channel"
    seconds: int = 600
    description: str = ""
    keywords: tuple[str, ...] = ("harbour", "crane")
    category: str = "Science & Technology"
    published: str = "2024-05-17T04:00:00-07:00"
    tracks: tuple[Track, ...] = (Track("en"),)
    translations: tuple[str, ...] = ("de", "fr", "pt-BR")
    default_caption: int | None = None
    marked_chapters: tuple[tuple[str, str], ...] = ()
    failures: Mapping[Failure, str | None] = field(default_factory=dict)
    times: dict[Failure, int] = field(default_factory=dict)
    retry_after: str = ""
    latency: float = 0.0
    page: str | None = None
    player: str | None = None
    captions: str | None = None
    consent: str | None = None
    status: tuple[str, str] | None = None

    def fails(self, failure: Failure, where: str | None = None) -> bool:
        if failure not in self.failures or self.failures[failure] != where:
            return False
        if failure in self.times:
            self.times[failure] -= 1
            return self.times[failure] >= 0
        return True

    def has(self, failure: Failure) -> bool:
        return failure in self.failures

    def track(self, language: str, kind: str, title: str) -> Track | None:
        wanted = (language, kind == "asr", title)
        return next((t for t in self.tracks if (t.language, t.generated, t.title) == wanted), None)


def watch_page(video: Video) -> str:
    micro = {
        "title": {"simpleText": video.title},
        "description": {"simpleText": video.description},
        "lengthSeconds": str(video.seconds),
        "ownerChannelName": video.channel,
        "externalChannelId": "UClocal",
        "category": video.category,
        "publishDate": video.published,
        "uploadDate": video.published,
        "viewCount": "1234",
    }
    markers = [
        {
            "macroMarkersListItemRenderer": {
                "title": {"simpleText": title},
                "timeDescription": {"simpleText": at},
            }
        }
        for title, at in video.marked_chapters
    ]
    panels = [
        {
            "engagementPanelSectionListRenderer": {
                "panelIdentifier": "engagement-panel-macro-markers-auto-chapters",
                "content": {"macroMarkersListRenderer": {"contents": markers}},
            }
        }
    ]
    first = {} if video.has(Failure.NO_DETAILS) else {"playerMicroformatRenderer": micro}
    return (
        "<!doctype html><html><head><title>Local YouTube</title>"
        '<script>ytcfg.set({"HL":"en","INNERTUBE_API_KEY":"local_key-1","GL":"US"});</script>'
        f"<script>var ytInitialPlayerResponse = {json.dumps({'microformat': first})};</script>"
        f"<script>var ytInitialData = {json.dumps({'engagementPanels': panels})};</script>"
        "</head><body></body></html>"
    )


def consent_page(*, valid: bool) -> str:
    token = '<input type="hidden" name="v" value="cb.local-token">' if valid else ""
    return (
        '<html><body><form action="https://consent.youtube.com/s" method="POST">'
        f"{token}<button>Accept all</button></form></body></html>"
    )


def recaptcha_page() -> str:
    return '<html><body><form><div class="g-recaptcha" data-sitekey="x"></div></form></body></html>'


def player_answer(video: Video) -> dict[str, Any]:
    answer: dict[str, Any] = {"playabilityStatus": _playability(video)}
    if not video.has(Failure.NO_DETAILS) and not video.has(Failure.BOT_CHECK):
        answer["videoDetails"] = {
            "videoId": video.video_id,
            "title": video.title,
            "lengthSeconds": str(video.seconds),
            "keywords": list(video.keywords),
            "channelId": "UClocal",
            "shortDescription": video.description,
            "thumbnail": {
                "thumbnails": [
                    {"url": f"https://i.ytimg.com/vi/{video.video_id}/default.jpg", "width": 120},
                    {"url": f"https://i.ytimg.com/vi/{video.video_id}/sddefault.jpg", "width": 640},
                ]
            },
            "viewCount": "1234",
            "author": video.channel,
            "isLiveContent": video.has(Failure.LIVE),
            "isLive": video.has(Failure.LIVE),
        }
    if video.has(Failure.CAPTIONS_WITHOUT_TRACKS):
        answer["captions"] = {"playerCaptionsTracklistRenderer": {"audioTracks": []}}
    elif video.has(Failure.ODD_TRACKS):
        answer["captions"] = {"playerCaptionsTracklistRenderer": {"captionTracks": [{"odd": 1}]}}
    elif not (video.has(Failure.CAPTIONS_DISABLED) or video.has(Failure.LIVE)):
        answer["captions"] = {"playerCaptionsTracklistRenderer": _track_list(video)}
    return answer


def _playability(video: Video) -> dict[str, Any]:
    if video.status:
        return {"status": video.status[0], "reason": video.status[1]}
    statuses: dict[Failure, tuple[str, str]] = {
        Failure.UNAVAILABLE: ("ERROR", "This video is unavailable"),
        Failure.UNPLAYABLE: ("UNPLAYABLE", "The uploader has not made this video available"),
        Failure.PRIVATE: ("LOGIN_REQUIRED", "This video is private"),
        Failure.AGE_RESTRICTED: (
            "LOGIN_REQUIRED",
            "This video may be inappropriate for some users.",
        ),
        Failure.BOT_CHECK: ("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot"),
        Failure.PREMIERE: ("LIVE_STREAM_OFFLINE", "Premieres in 3 hours"),
    }
    for failure, (status, reason) in statuses.items():
        if video.has(failure):
            return {"status": status, "reason": reason}
    return {"status": "OK", "playableInEmbed": True}


def _track_list(video: Video) -> dict[str, Any]:
    sound: dict[str, Any] = {"captionTrackIndices": list(range(len(video.tracks)))}
    if video.default_caption is not None:
        sound["defaultCaptionTrackIndex"] = video.default_caption
    return {
        "captionTracks": [_track_entry(video, track) for track in video.tracks],
        "audioTracks": [sound],
        "defaultAudioTrackIndex": 0,
        "translationLanguages": [
            {"languageCode": code, "languageName": {"runs": [{"text": code.upper()}]}}
            for code in video.translations
        ],
    }


def _track_entry(video: Video, track: Track) -> dict[str, Any]:
    kind = "&kind=asr" if track.generated else ""
    proof = "&exp=xpe" if video.has(Failure.PO_TOKEN) else ""
    entry: dict[str, Any] = {
        "baseUrl": f"{ORIGIN}/api/timedtext?v={video.video_id}&ei=x&caps=asr&signature=0A1B"
        f"&key=yt8{kind}&lang={track.language}&name={quote(track.title)}{proof}&fmt=srv3",
        "name": {"runs": [{"text": track.name}]},
        "languageCode": track.language,
        "isTranslatable": track.translatable,
    }
    return entry | ({"kind": "asr"} if track.generated else {})


BAD_CAPTIONS = {
    Failure.EMPTY_CAPTIONS: "",
    Failure.HTML_CAPTIONS: "<html><body><p>Sorry<br>about that</body></html>",
    Failure.NO_CUES: "<transcript></transcript>",
}


def srv1(track: Track, translated_to: str | None) -> str:
    lines = "".join(
        f"<text start={quoteattr(f'{start:g}')} dur={quoteattr(f'{length:g}')}>"
        # YouTube escapes twice: once for XML, once for the HTML that its player shows.
        f"{escape(escape(f'[{translated_to}] {text}' if translated_to else text))}</text>"
        for text, start, length in track.cues
    )
    return f'<?xml version="1.0" encoding="utf-8" ?><transcript>{lines}</transcript>'


def srv3(track: Track) -> str:
    lines = "".join(
        f'<p t="{int(start * 1000)}" d="{int(length * 1000)}">{escape(text)}</p>'
        for text, start, length in track.cues
    )
    head = '<?xml version="1.0" encoding="utf-8" ?>'
    return f'{head}<timedtext format="3"><body>{lines}</body></timedtext>'
