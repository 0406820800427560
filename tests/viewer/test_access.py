"""Who may look and who may change."""

import pytest

from inspector.viewer.access import LASTS_S, TRIES, Access, Tries

NOW = 1_800_000_000.0
VIEW, ENGINEER = "view-token-123", "engineer-token-456"


def access(view: str | None = VIEW, engineer: str | None = ENGINEER, station: str = "line1") -> Access:
    return Access(station=station, view_token=view, engineer_token=engineer)


def test_on_loopback_without_tokens_everybody_looks_and_nobody_changes() -> None:
    rules = access(None, None)
    assert (rules.open, rules.changes) == (True, False)
    assert rules.role({}, "Bearer ", NOW) == "view"
    assert rules.role({rules.cookie("engineer"): f"{int(NOW) + 9}.00"}, "Bearer None", NOW) == "view"


def test_with_a_view_token_nobody_looks_who_has_not_told_it() -> None:
    assert access().role({}, None, NOW) == "none"
    assert access().role({}, "Bearer wrong", NOW) == "none"
    assert access().role({}, f"Bearer {VIEW}", NOW) == "view"
    assert access().role({}, f"bearer {ENGINEER}", NOW) == "engineer"


def test_a_cookie_is_good_until_its_time_and_no_longer() -> None:
    rules = access()
    cookie = {rules.cookie("engineer"): rules.seal("engineer", int(NOW) + LASTS_S["engineer"])}
    assert rules.role(cookie, None, NOW + LASTS_S["engineer"] - 1) == "engineer"
    assert rules.role(cookie, None, NOW + LASTS_S["engineer"] + 1) == "none"


@pytest.mark.parametrize("forge", [
    lambda sealed: sealed.replace(".", "9.", 1),                         # a longer life
    lambda sealed: sealed[:-1] + ("0" if sealed[-1] != "0" else "1"),
    lambda sealed: "", lambda sealed: ".", lambda sealed: "9" * 5000, lambda sealed: "٣.é",
])  # fmt: skip
def test_a_forged_cookie_is_none(forge) -> None:  # type: ignore[no-untyped-def]
    rules = access()
    value = forge(rules.seal("engineer", int(NOW) + 60))
    assert rules.role({rules.cookie("engineer"): value}, None, NOW) == "none"


def test_a_cookie_for_looking_does_not_change_and_no_other_stations_counts() -> None:
    rules, until = access(), int(NOW) + 60
    assert rules.role({rules.cookie("view"): rules.seal("view", until)}, None, NOW) == "view"
    assert rules.role({rules.cookie("engineer"): rules.seal("view", until)}, None, NOW) == "none"
    other = access(station="line2")
    assert rules.role({rules.cookie("engineer"): other.seal("engineer", until)}, None, NOW) == "none"


def test_a_new_token_ends_every_session() -> None:
    before, after = access(), access(engineer="another-token-789")
    cookie = {before.cookie("engineer"): before.seal("engineer", int(NOW) + 60)}
    assert before.role(cookie, None, NOW) == "engineer"
    assert after.role(cookie, None, NOW) == "none"


def test_tokens_are_not_found_by_trying() -> None:
    tries = Tries()
    for number in range(TRIES):
        assert tries.wait_s(100.0 + number) == 0
        tries.wrong(100.0 + number)
    assert tries.wait_s(110.0) == pytest.approx(50.0)
    assert tries.wait_s(160.0) == 0
