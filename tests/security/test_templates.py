"""Message templates: values are text, whatever they look like, and a wrong file is refused whole."""

from pathlib import Path

import pytest

from app.domain.problems import Problem
from app.security.templates import load_templates

FORM = 'forms: {any: {pattern: ".*", such_as: x}}\n'
GOOD = FORM + "templates: {t: {title: T, subject: 'S {{ v }}', body: 'B {{ v }}', values: {v: {what: w, form: any}}}}"


def written(folder: Path, content: str) -> Path:
    file = folder / "templates.yaml"
    file.write_text(content, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "value", ["{{7*7}}", "{% for x in y %}", "{{ v }}", "<b>&amp;", "Grüße 你好", "{{''.__class__}}"]
)
def test_a_value_is_never_read_as_a_template(tmp_path: Path, value: str) -> None:
    assert load_templates(written(tmp_path, GOOD)).render("t", {"v": value}) == (f"S {value}", f"B {value}")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("{{ v }}'", "{{ missing }}'"),
        ("{{ v }}'", "{{ v.__class__.__mro__ }}'"),
        ("{{ v }}'", "{{ v '"),
        ("form: any", "form: none"),
        ("such_as: x", 'such_as: "x\\ny"'),
        ('".*"', '"("'),
        ("title: T", "title: T, more: 1"),
        ("templates:", "templates: {t: 1}\ntemplates:"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, was: str, becomes: str) -> None:
    assert was in GOOD
    with pytest.raises(Problem) as caught:
        load_templates(written(tmp_path, GOOD.replace(was, becomes)))
    assert caught.value.code == "templates"
    assert caught.value.status == 500
