"""Which recipe versions give the same scores: those that differ in their threshold alone."""

from collections.abc import Iterable

from inspector.messages import Event


class Banks:
    """Learns from events which versions came of each other by a change of threshold. Pure.

    What is not known to be of one bank is taken to be of two: a viewer that started later compares less, never wrongly.
    """

    def __init__(self) -> None:
        self._root: dict[str, str] = {}

    def hear(self, event: Event) -> None:
        """Take in an event; any but a change of threshold says nothing."""
        if event.kind == "threshold":
            self.link(event.facts.get("recipe_before", ""), event.facts.get("recipe", ""))

    def link(self, before: str, after: str) -> None:
        """These two have the same bank."""
        if before and after:
            self._root[self.of(after)] = self.of(before)

    def of(self, recipe: str) -> str:
        """A name for the bank of a recipe version."""
        while (up := self._root.get(recipe, recipe)) != recipe:
            recipe = up
        return recipe

    def comparable(self, recipes: Iterable[str], with_: str) -> list[str]:
        """Those of the recipe versions whose scores can be compared with another's."""
        return sorted({recipe for recipe in recipes if self.of(recipe) == self.of(with_)} | {with_})
