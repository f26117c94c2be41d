"""ModelChoice: which of the models that the host lists is asked."""

from __future__ import annotations

from youtube_analysis.models.analysis import UnknownModel

from .checked import CheckedModel


class ModelChoice:
    """The first is the default. Each keeps its own health and window."""

    def __init__(self, default: CheckedModel, *others: CheckedModel) -> None:
        self.default = default
        self._models = {model.name.casefold(): model for model in (*others, default)}
        self.names = tuple(model.name for model in (default, *others))
        """All that may be asked for."""

    def named(self, name: str | None) -> CheckedModel:
        """Case and spaces around it do not matter; None is the default. Else UnknownModel."""
        if name is None:
            return self.default
        if model := self._models.get(name.strip().casefold()):
            return model
        raise UnknownModel(name=name[:60], names=", ".join(self.names))

    def that_made(self, engine: str) -> CheckedModel | None:
        """The model with this name; None where it is none of these, or no longer."""
        return self._models.get(engine.casefold())

    async def close(self) -> None:
        """May be called twice."""
        for model in self._models.values():
            await model.close()
