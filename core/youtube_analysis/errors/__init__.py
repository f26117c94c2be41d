"""What can go wrong, as one tree. Every message is a sentence that a chat user may read.

VideoAnalysisError
├── InvalidRequest          the caller can mend it
│   ├── InvalidLink
│   │   └── PlaylistLink
│   ├── UnknownAnalysisType
│   └── CaptionsFileError
│       ├── CaptionsFileTooLarge
│       ├── UnknownCaptionsFormat
│       └── EmptyCaptionsFile
├── InvalidSettings         the admin can mend it
├── VideoError              this video cannot be read
│   ├── VideoUnavailable
│   ├── VideoUnplayable
│   ├── AgeRestricted
│   ├── NotYetAired
│   ├── CaptionsDisabled
│   ├── TranslationUnavailable
│   └── CaptionsWithheld
├── YouTubeError            YouTube would not answer us
│   ├── YouTubeBlocked
│   ├── YouTubeBusy         (retryable)
│   ├── YouTubeUnreachable  (retryable)
│   └── YouTubeChanged      (retryable)
├── ModelError              the language model would not or could not answer
│   ├── ModelUnreachable    (retryable)
│   ├── ModelBusy           (retryable)
│   ├── ModelSilent         (retryable)
│   ├── ModelBroke          (retryable)
│   ├── ModelOutOfQuota     the admin can mend it
│   ├── ModelMisconfigured  the admin can mend it
│   ├── ModelDeclined
│   └── TalkTooLong
├── DatabaseError           what is remembered cannot be read or kept (mostly retryable)
├── Interrupted             we were shut down in the middle (retryable)
└── Unexpected              a bug of ours (retryable)

`code` is stable and meant for machines; `retryable` says whether the same request may
succeed later without anybody changing anything.
"""

from __future__ import annotations

from .base import (
    Interrupted,
    Unexpected,
    VideoAnalysisError,
)
from .database import DatabaseError
from .model import (
    ModelBroke,
    ModelBusy,
    ModelDeclined,
    ModelError,
    ModelMisconfigured,
    ModelOutOfQuota,
    ModelSilent,
    ModelUnreachable,
    TalkTooLong,
)
from .requests import (
    CaptionsFileError,
    CaptionsFileTooLarge,
    EmptyCaptionsFile,
    InvalidLink,
    InvalidRequest,
    InvalidSettings,
    PlaylistLink,
    UnknownAnalysisType,
    UnknownCaptionsFormat,
)
from .youtube import (
    AgeRestricted,
    CaptionsDisabled,
    CaptionsWithheld,
    NotYetAired,
    TranslationUnavailable,
    VideoError,
    VideoUnavailable,
    VideoUnplayable,
    YouTubeBlocked,
    YouTubeBusy,
    YouTubeChanged,
    YouTubeError,
    YouTubeUnreachable,
)

__all__ = [
    "AgeRestricted",
    "CaptionsDisabled",
    "CaptionsFileError",
    "CaptionsFileTooLarge",
    "CaptionsWithheld",
    "DatabaseError",
    "EmptyCaptionsFile",
    "Interrupted",
    "InvalidLink",
    "InvalidRequest",
    "InvalidSettings",
    "ModelBroke",
    "ModelBusy",
    "ModelDeclined",
    "ModelError",
    "ModelMisconfigured",
    "ModelOutOfQuota",
    "ModelSilent",
    "ModelUnreachable",
    "NotYetAired",
    "PlaylistLink",
    "TalkTooLong",
    "TranslationUnavailable",
    "Unexpected",
    "UnknownAnalysisType",
    "UnknownCaptionsFormat",
    "VideoAnalysisError",
    "VideoError",
    "VideoUnavailable",
    "VideoUnplayable",
    "YouTubeBlocked",
    "YouTubeBusy",
    "YouTubeChanged",
    "YouTubeError",
    "YouTubeUnreachable",
]
