"""Who may call, and what a page may load."""

import pytest

from inspector.viewer.guard import HEADERS, refusal


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "localhost", "127.0.0.9"])
def test_loopback_names_are_served_on_loopback(host: str) -> None:
    assert refusal(host, None, loopback=True) is None
    assert refusal(host, f"http://{host}", loopback=True) is None


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "", "192.168.1.5:8000"]
)
def test_a_foreign_name_that_resolves_to_loopback_is_refused(host: str) -> None:
    assert refusal(host, None, loopback=True)


def test_a_viewer_open_to_the_network_is_called_by_whatever_name_it_has() -> None:
    assert refusal("station7.plant:8000", "http://station7.plant:8000", loopback=False) is None


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null", "", "file://", "http://["])
@pytest.mark.parametrize("loopback", [True, False])
def test_another_sites_page_is_refused(origin: str, loopback: bool) -> None:
    assert refusal("127.0.0.1:8000", origin, loopback)


def test_a_request_without_a_host_is_refused() -> None:
    assert refusal(None, None, loopback=False)


def test_no_inline_script_and_nothing_from_elsewhere() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
