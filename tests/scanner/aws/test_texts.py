import pytest

from scanner.aws.texts import last, number, truth


@pytest.mark.parametrize(
    ("convert", "text", "meant"),
    [
        (number, "30", 30),
        (number, "0", 0),
        (number, "1795236857.8", 1795236857),
        (number, "", None),
        (number, None, None),
        (truth, "true", True),
        (truth, "False", False),
        (truth, None, None),
        (last, "https://sqs/1/jobs", "jobs"),
        (last, "jobs", "jobs"),
        (last, None, None),
    ],
)
def test_texts(convert, text, meant):
    assert convert(text) == meant
    assert type(convert(text)) is type(meant)
