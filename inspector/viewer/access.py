"""Who may look, and who may change: two tokens of the config, told once and then remembered by the browser.

    viewer.view_token       null on loopback: everybody on this machine may look
    viewer.engineer_token   null: nobody changes anything from the page

A browser that has told a token gets a cookie that it cannot read and no other site can send: a MAC made with the token,
so that nothing is kept here and a new token in the config ends every session. A program sends `Authorization: Bearer`.
"""

import hmac
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from inspector.config import ViewerConfig

Role: TypeAlias = Literal["none", "view", "engineer"]

TRIES: Final = 10
"""Wrong tokens a minute; then everybody waits, since a token shall not be found by trying."""
MINUTE_S: Final = 60.0
LASTS_S: Final = {"view": 90 * 24 * 3600, "engineer": 8 * 3600}
"""How long a browser remembers: a screen at the line for months, an engineer for a shift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rules, pure: from what a request shows to what it may do."""

    station: str
    view_token: str | None
    engineer_token: str | None

    @classmethod
    def of(cls, station: str, viewer: ViewerConfig) -> "Access":
        return cls(station=station, view_token=viewer.view_token, engineer_token=viewer.engineer_token)

    @property
    def open(self) -> bool:
        """Whether everybody who reaches us may look."""
        return self.view_token is None

    @property
    def changes(self) -> bool:
        """Whether anybody may change anything."""
        return self.engineer_token is not None

    def role_of_token(self, token: str) -> Role:
        """What somebody who knows this token may do; `none` for a wrong one."""
        return next((role for role, known in self._tokens() if _equal(token, known)), "none")

    def cookie(self, role: Role) -> str:
        """The cookie's name. Cookies do not know ports: two stations' viewers on one machine must not share one."""
        return f"inspector-{self.station}-{role}"

    def seal(self, role: Role, until_s: int) -> str:
        """The cookie's value: good for a role until a Unix time."""
        return f"{until_s}.{_mac(dict(self._tokens())[role], f'{self.station} {role} {until_s}')}"

    def role(self, cookies: Mapping[str, str], authorization: str | None, now_s: float) -> Role:
        """What a request with these cookies and this Authorization header may do."""
        if authorization is not None and (told := self.role_of_token(bearer(authorization))) != "none":
            return told
        for role, _ in self._tokens():
            value = cookies.get(self.cookie(role), "")
            until = value.partition(".")[0]
            if (
                until.isdecimal()
                and len(until) < 12
                and now_s < int(until)
                and _equal(value, self.seal(role, int(until)))
            ):
                return role
        return "view" if self.open else "none"

    def _tokens(self) -> list[tuple[Role, str]]:
        """The roles that have a token, the greater first."""
        both: list[tuple[Role, str | None]] = [("engineer", self.engineer_token), ("view", self.view_token)]
        return [(role, token) for role, token in both if token is not None]


class Tries:
    """Counts wrong tokens; the clock is handed in, in seconds."""

    def __init__(self) -> None:
        self._wrong: deque[float] = deque(maxlen=TRIES)

    def wrong(self, now: float) -> None:
        """One more was wrong."""
        self._wrong.append(now)

    def wait_s(self, now: float) -> float:
        """How long nobody may try; 0 when they may."""
        if len(self._wrong) < TRIES:
            return 0.0
        return max(0.0, self._wrong[0] + MINUTE_S - now)


def bearer(authorization: str) -> str:
    """The token in an Authorization header; empty where there is none."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _mac(token: str, text: str) -> str:
    return hmac.digest(token.encode(), text.encode(), "sha256").hex()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
