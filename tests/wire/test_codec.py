from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.messages import Defect, Followed, Overlay, Verdict
from inspector.wire.codec import (
    CodecError,
    RecoveryAnswer,
    RecoveryRequest,
    decode_event,
    decode_health,
    decode_overlay,
    decode_recovery_answer,
    decode_recovery_request,
    decode_verdict,
    encode,
    encode_overlay,
    topic,
)
from tests.wire.samples import event, health, overlay, preview, verdict

FINITE = st.floats(0, 1e9)


@given(part=st.text(max_size=64), score=FINITE, threshold=FINITE, exposed_ns=st.integers(0, 2**63 - 1))
def test_a_verdict_comes_back_as_it_went(part: str, score: float, threshold: float, exposed_ns: int) -> None:
    outcome = "pass" if score <= threshold else "fail"
    given_one = replace(
        verdict(7),
        part=part,
        outcome=outcome,
        score=score,
        threshold=threshold,
        exposed_ns=exposed_ns,
        defects=(Defect(x=1.0, y=2.0, width=3.0, height=4.0, score=score),),
    )
    assert decode_verdict(encode(given_one)) == given_one


@pytest.mark.parametrize("seq", [1, 2**40])
def test_a_part_not_inspected_has_null_for_a_score(seq: int) -> None:
    payload = encode(verdict(seq, "not_inspected"))
    assert b'"score":null' in payload
    assert decode_verdict(payload) == verdict(seq, "not_inspected")


def test_heartbeats_events_and_recoveries_come_back_as_they_went() -> None:
    request, answer = (
        RecoveryRequest(run="r1", first=1, last=9),
        RecoveryAnswer(run="r1", first=1, last=9, lost=((1, 2),)),
    )
    assert decode_health(encode(health(3, state="not_ready"))) == health(3, state="not_ready")
    assert decode_event(encode(event())) == event()
    assert decode_recovery_request(encode(request)) == request
    assert decode_recovery_answer(encode(answer)) == answer


@given(jpeg=st.binary(max_size=50), size=st.tuples(st.integers(0, 5), st.integers(0, 5)), data=st.data())
def test_an_overlay_comes_back_as_it_went(jpeg: bytes, size: tuple[int, int], data: st.DataObject) -> None:
    area = size[0] * size[1]
    score_map = data.draw(st.binary(min_size=area, max_size=area))
    given_one: Overlay = replace(overlay(3), jpeg=jpeg, map_size=size, score_map=score_map)
    assert decode_overlay(encode_overlay(given_one)) == given_one


@given(place=st.floats(-1e4, 1e4), seq=st.none() | st.integers(1, 1 << 48))
def test_a_preview_comes_back_with_the_parts_on_it(place: float, seq: int | None) -> None:
    part = Followed(x=place, y=1.0, width=60.0, height=90.5, seq=seq, moved=None if seq is None else (place, 0.0))
    assert decode_overlay(encode_overlay(preview(part, part))) == preview(part, part)
    assert decode_overlay(encode_overlay(preview())) == preview()


def test_a_picture_without_a_scene_is_as_it_was_before_there_were_scenes() -> None:
    assert b"scene" not in encode_overlay(overlay(3))
    assert decode_overlay(encode_overlay(overlay(3))).scene is None


@pytest.mark.parametrize(
    "part",
    [b'"seq":7,"moved":null', b'"seq":null,"moved":[1.0,2.0]', b'"seq":0,"moved":[1.0,2.0]', b'"seq":7',
     b'"seq":99999999999999999999,"moved":[1.0,2.0]', b'"seq":7,"moved":[1.0]'],
)  # fmt: skip
def test_a_scene_that_contradicts_itself_is_none(part: bytes) -> None:
    sent = Followed(x=1.0, y=1.0, width=6.0, height=9.0, seq=7, moved=(1.0, 2.0))
    packet = encode_overlay(preview(sent)).replace(b'"seq":7,"moved":[1.0,2.0]', part)
    length = packet.index(b"\xff\xd8") - 4
    with pytest.raises(CodecError, match="Overlay"):
        decode_overlay(length.to_bytes(4, "little") + packet[4:])


@given(cut=st.integers(0, 324))
def test_an_overlay_cut_short_is_none(cut: int) -> None:
    packet = encode_overlay(overlay(42))
    with pytest.raises(CodecError):
        decode_overlay(packet[:cut])


def test_an_overlay_with_a_tail_is_none() -> None:
    with pytest.raises(CodecError, match="326 bytes, its header says 325"):
        decode_overlay(encode_overlay(overlay(42)) + b"\0")


@pytest.mark.parametrize("size", ['["a",2]', "[[],2]", "[2.5,2]", "[-3,-2]", "[6]", "6", "null"])
def test_an_overlay_whose_map_has_no_size_is_none(size: str) -> None:
    packet = encode_overlay(overlay(42)).replace(b'"map_size":[3,2]', b'"map_size":' + size.encode())
    header = packet[4 : packet.index(b"}") + 1]
    with pytest.raises(CodecError, match="map_size"):
        decode_overlay(len(header).to_bytes(4, "little") + header + packet[4 + len(header) :])


@given(st.binary(max_size=60))
def test_junk_is_no_message(junk: bytes) -> None:
    for decode in (decode_verdict, decode_health, decode_event, decode_recovery_request, decode_overlay):
        with pytest.raises(CodecError):
            decode(junk)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b'"v":1', b'"v":2', "version 2"),
        (b'"v":1,', b"", "version None"),
        (b'"seq":1', b'"seq":0', "first part is 1"),
        (b'"seq":1,', b"", "seq"),
        (b'"score":12.5', b'"score":NaN', "Verdict"),
        (b'"score":12.5', b'"score":null', "finite score"),
        (b'"score":12.5', b'"score":20.5', "contradicts"),
        (b'"outcome":"pass"', b'"outcome":"good"', "outcome"),
        (b'"reason":null', b'"reason":"late"', "no reason"),
        (b'"part":""', b'"part":"' + b"x" * 65 + b'"', "65 characters"),
        (b'"part":""', b'"part":"","extra":1', "extra"),
    ],
)
def test_a_verdict_against_the_rules_is_named(old: bytes, new: bytes, complaint: str) -> None:
    payload = encode(verdict(1))
    assert old in payload
    with pytest.raises(CodecError, match=complaint):
        decode_verdict(payload.replace(old, new))


def test_no_verdict_can_be_made_of_a_score_that_is_not_a_number() -> None:
    with pytest.raises(ValueError, match="finite"):
        replace(verdict(1), score=float("nan"))
    assert isinstance(verdict(1), Verdict)


def test_a_topic_names_kind_and_station() -> None:
    assert topic("verdict", "line1") == b"verdict.line1"
