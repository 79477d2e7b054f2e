"""Whether a text speaks of a feature."""

import pytest

from tools.adoption.mentions import has_phrase, is_named_in, slug

OTHER = {"sso": ("single sign-on", "SAML")}


@pytest.mark.parametrize(
    ("words", "feature", "named"),
    [
        ("Webhook retries arrive out of order", "webhooks", True),
        ("Three screens to change one alert", "alerts", True),
        ("How do batch exports work?", "batch_export", True),
        ("An export of a batch", "batch_export", False),
        ("SSO fails", "sso", True),
        ("Single sign-on: a loop", "sso", True),
        ("saml", "sso", True),
        ("The alertness of the night shift", "alerts", False),
        ("anything", "…", False),
    ],
)
def test_a_feature_goes_by_its_name_in_either_number_and_by_other_words(words: str, feature: str, named: bool) -> None:
    assert is_named_in(words, feature, OTHER) is named


def test_phrases_are_whole_words() -> None:
    assert has_phrase("They asked: can we use this for motor claims?", ["can we use this for"])
    assert not has_phrase("A scripted call", ["script"])
    assert not has_phrase("anything", [])
    assert slug("Batch_Export v2") == "batch-export-v2"
