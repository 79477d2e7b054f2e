"""The image and the composition: what they promise, as far as it can be read from the files."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
FINAL_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


def test_the_service_does_not_run_as_root() -> None:
    (user,) = re.findall(r"^USER (.+)$", FINAL_STAGE, re.MULTILINE)
    assert int(user) > 0  # a number, so that a cluster can check it
    assert FINAL_STAGE.index("USER ") < FINAL_STAGE.index("CMD")


def test_the_final_stage_installs_nothing() -> None:
    assert re.findall(r"\b(pip|apt-get|npm)\b", FINAL_STAGE) == []
    assert "slim" in FINAL_STAGE.splitlines()[1]


def test_the_image_is_asked_whether_it_lives() -> None:
    assert re.search(r"^HEALTHCHECK .*\\\n.*/livez", FINAL_STAGE, re.MULTILINE)


def test_packages_are_those_of_the_lock() -> None:
    assert "--require-hashes --requirement requirements.lock" in DOCKERFILE


@pytest.mark.parametrize("image", re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
def test_base_images_name_their_version(image: str) -> None:
    assert re.fullmatch(r"(node:\d+|python:3\.\d+)-slim", image)


def test_the_database_and_chroma_come_first() -> None:
    assert set(SERVICES) == {"service", "database", "chroma"}
    assert SERVICES["service"]["depends_on"] == {
        name: {"condition": "service_healthy"} for name in ("database", "chroma")
    }
    for name in ("database", "chroma"):
        assert SERVICES[name]["healthcheck"]["test"]
        assert re.fullmatch(r"[\w/]+:\d+\.\d+(\.\d+)?", SERVICES[name]["image"])


def test_the_chroma_server_is_of_the_client_s_version() -> None:
    (locked,) = re.findall(r"^chromadb==(\S+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    assert SERVICES["chroma"]["image"] == f"chromadb/chroma:{locked}"


def test_what_is_kept_is_in_named_volumes() -> None:
    mounted = {mount.split(":")[0] for service in SERVICES.values() for mount in service["volumes"]}
    assert mounted == set(COMPOSE["volumes"])


def test_only_the_service_is_reached_and_only_from_this_machine() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"service"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["service"]["ports"])


def test_no_secret_is_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|KEY|SECRET|DATABASE_URL", name):
                assert re.search(r"\$\{\w+:[-?]", value), name


def test_the_environment_is_settings_that_there_are() -> None:
    from app.settings import Settings

    known = {f"CSE_{name.upper()}" for name in Settings.model_fields}
    assert set(SERVICES["service"]["environment"]) <= known | {"FORWARDED_ALLOW_IPS"}
