"""A release as a watch has seen it: v1 → v2, two pods, two failures."""

from kubia.live.replica_sets import PodGroup
from kubia.observe.probe import Answer
from kubia.observe.record import Mark, PodSample, Record, ResponseSample


def group(
    version: str, replicas: int, ready: int, going: int = 0, *, new: bool = False
) -> PodGroup:
    return PodGroup("web", version, new, 2, replicas, ready, going)


SITE = PodGroup("site", "1.31", True, 1, 1, 1, 0)  # noqa: FBT003 - the fields in order, as in `group`


def rollout(outcome: str = "deployed") -> Record:
    """Return one that took ten seconds."""
    answers = [
        ResponseSample(at / 10, Answer(is_error=False, version="v1", pod="a")) for at in range(50)
    ]
    answers += [
        ResponseSample(at / 10, Answer(is_error=False, version="v2", pod="b"))
        for at in range(50, 100)
    ]
    answers[42] = ResponseSample(4.2, Answer(is_error=True, pod="a"))
    answers[77] = ResponseSample(7.7, Answer(is_error=True, otherwise="no answer"))
    samples = [
        PodSample(0.5, (group("v1", 2, 2, new=True), SITE)),
        PodSample(2.0, (group("v2", 1, 0, new=True), group("v1", 2, 2), SITE)),
        PodSample(4.0, (group("v2", 2, 2, new=True), group("v1", 0, 0, 2), SITE)),
        PodSample(9.0, (group("v2", 2, 2, new=True), SITE)),
    ]
    return Record(answers, samples, [Mark(1.0, "applied"), Mark(5.0, outcome)])
