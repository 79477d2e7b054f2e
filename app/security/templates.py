"""Message templates that were approved once and for all: data, with values that are text and never templates."""

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from app.domain.characters import visible
from app.domain.problems import InvalidArguments, NotFound, Problem
from app.security.rules_file import read_rules, what_is_wrong

FILE = Path(__file__).with_name("templates.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Form(_Part):
    """What a value must look like as a whole, and a value that does."""

    pattern: str
    such_as: str

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"no pattern: {error}") from None
        return pattern

    @model_validator(mode="after")
    def _fits(self) -> "Form":
        if not re.fullmatch(self.pattern, self.such_as):
            raise ValueError(f"{self.such_as!r} is not of its own form")
        return self


class Value(_Part):
    form: str
    what: str


class Template(_Part):
    title: str
    subject: str
    body: str
    values: Mapping[str, Value]


class Templates(_Part):
    forms: Mapping[str, Form]
    templates: Mapping[str, Template]

    @model_validator(mode="after")
    def _whole(self) -> "Templates":
        for name, template in self.templates.items():
            if unknown := {value.form for value in template.values.values()} - set(self.forms):
                raise ValueError(f"{name}: forms that there are none of: {', '.join(sorted(unknown))}")
            self._fill(template, self.example(template))
        return self

    def example(self, template: Template) -> dict[str, str]:
        """Values that it can be filled with."""
        return {name: self.forms[value.form].such_as for name, value in template.values.items()}

    def render(self, name: str, values: Mapping[str, str]) -> tuple[str, str]:
        """The subject and the body with the values in them.

        Raises:
            NotFound: there is no such template (`template_not_found`).
            InvalidArguments: a value is missing, one too many, or not of its form (`invalid_value`).
        """
        template = self.templates.get(name)
        if template is None:
            known = ", ".join(sorted(self.templates))
            raise NotFound(f"There is no template {name!r}; templates are {known}.", code="template_not_found")
        self._require_fitting(template, values)
        return self._fill(template, values)

    def _require_fitting(self, template: Template, values: Mapping[str, str]) -> None:
        missing = sorted(set(template.values) - set(values))
        faults = [f"{name} is missing: {template.values[name].what}" for name in missing]
        faults += [f"{name} is none of its values" for name in sorted(set(values) - set(template.values))]
        for name, value in template.values.items():
            form, given = self.forms[value.form], values.get(name)
            if given is not None and not re.fullmatch(form.pattern, given):
                faults.append(f"{name} must look like {form.such_as!r}")
        if faults:
            detail = f"The template cannot be filled: {'; '.join(faults)}."
            raise InvalidArguments(detail, code="invalid_value", missing=missing)

    @staticmethod
    def _fill(template: Template, values: Mapping[str, str]) -> tuple[str, str]:
        """Values go in as text: what looks like a template in them is never read as one."""
        from jinja2 import StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        shown = {name: visible(value) for name, value in values.items()}
        subject, body = (environment.from_string(each).render(shown) for each in (template.subject, template.body))
        return subject.strip(), body.strip()


def load_templates(file: Path = FILE) -> Templates:
    """The templates of a file, each tried out.

    Raises:
        Problem: it is not whole (`templates`).
    """
    from jinja2 import TemplateError

    try:
        return Templates.model_validate(read_rules(file, code="templates"))
    except ValidationError as error:
        raise Problem(f"{file.name}: {what_is_wrong(error)}", code="templates", status=500) from None
    except TemplateError as error:
        raise Problem(f"{file.name}: a template cannot be filled: {error}", code="templates", status=500) from None
