"""The action, the GitLab component and the kit's workflow: valid, without a way in for a shell, and run for real."""

from __future__ import annotations

import importlib.resources
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from junitparser import JUnitXml

from tests.cli.command import takehome
from tests.exports.jobs import ACTION, JOB, ROOT, SH, SPEC, lay_traps, run, wheel

PACK = ROOT / "tests" / "packaging" / "catalogue" / "counting_pack" / "counting_challenges"
DOCUMENT = (ROOT / "docs" / "ci.md").read_text()


def published(name: str) -> Any:
    """A schema of SchemaStore's or GitLab's."""
    folder = importlib.resources.files("check_jsonschema.builtin_schemas.vendor")
    return json.loads(folder.joinpath(f"{name}.json").read_text("utf-8"))


def validate(value: Any, name: str) -> None:
    schema = published(name)
    jsonschema.validators.validator_for(schema)(schema).validate(value)


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    folder = tmp_path / "kit"
    done = takehome("init", "count_words", folder, "--challenges", PACK)
    assert done.code == 0, done.text
    return folder


def test_the_action_fits_its_schema() -> None:
    validate(ACTION, "github-actions")


def test_the_component_fits_its_schema_once_its_inputs_are_filled_in() -> None:
    inputs = {name: entry.get("default", "takehome==1") for name, entry in SPEC["spec"]["inputs"].items()}
    # In the text, as GitLab does it: what is not quoted may become another type.
    body = (ROOT / "templates" / "takehome.yml").read_text().partition("\n---\n")[2]
    text = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: str(inputs[found[1]]), body)
    assert "$[[" not in text
    validate(yaml.safe_load(text), "gitlab-ci")


def test_the_kits_workflow_fits_its_schema(kit: Path) -> None:
    workflow = yaml.safe_load((kit / ".github" / "workflows" / "takehome.yml").read_text())
    validate({"on" if key is True else key: value for key, value in workflow.items()}, "github-workflows")
    assert workflow["permissions"] == {"contents": "read"}


def test_no_input_is_written_into_a_script(kit: Path) -> None:
    workflow = yaml.safe_load((kit / ".github" / "workflows" / "takehome.yml").read_text())
    steps = [*ACTION["runs"]["steps"], *workflow["jobs"]["check"]["steps"]]
    scripts = [step["run"] for step in steps if "run" in step] + JOB["script"] + JOB["before_script"]
    assert len(scripts) > 6
    assert [script for script in scripts if "${{" in script or "$[[" in script] == []
    assert all(variable["expand"] is False for variable in JOB["variables"].values())


def test_actions_of_others_are_pinned_to_a_commit(kit: Path) -> None:
    text = (kit / ".github" / "workflows" / "takehome.yml").read_text()
    uses = re.findall(r"uses: (\S+)", text)
    assert uses
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name) for name in uses)


def documented() -> Any:
    """The workflow of the document, as YAML takes it: `on` is a boolean there."""
    text = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.S)[0]
    return {"on" if key is True else key: value for key, value in yaml.safe_load(text).items()}


def test_the_documented_workflow_fits_its_schema_and_pins_what_it_uses() -> None:
    validate(documented(), "github-workflows")
    uses = [step["uses"] for job in documented()["jobs"].values() for step in job["steps"]]
    assert [name for name in uses if not re.fullmatch(r"[\w/-]+@([0-9a-f]{40}|COMMIT)", name)] == []


def test_in_the_documented_workflow_the_job_that_runs_submitted_code_may_only_read() -> None:
    workflow = documented()
    check, shows = workflow["jobs"]["check"], workflow["jobs"]["code-scanning"]
    assert (check.get("permissions", workflow["permissions"]), shows["if"]) == ({"contents": "read"}, "always()")
    assert [step for step in shows["steps"] if "run" in step or "takehome" in step["uses"]] == []


def test_the_documented_job_that_shows_results_may_do_what_upload_sarif_needs_in_a_private_repository() -> None:
    needed = {"actions": "read", "contents": "read", "security-events": "write"}
    assert documented()["jobs"]["code-scanning"]["permissions"] == needed


def test_the_components_default_image_has_git_as_the_documented_package_wants_it() -> None:
    assert SPEC["spec"]["inputs"]["image"]["default"] == "python:3.12"
    assert "package: git+https://" in DOCUMENT


@pytest.mark.parametrize("package", ["", "a\nb", "${{ secrets.X }}", "x" * 400, "p\u202e"])
def test_what_pip_can_not_install_is_not_written_into_a_kit(tmp_path: Path, package: str) -> None:
    done = takehome("init", "users_api", tmp_path / "kit", "--package", package)
    assert (done.code, "--package" in done.text, (tmp_path / "kit").exists()) == (2, True, False)


def test_a_kit_names_the_visible_checks_and_no_other(kit: Path) -> None:
    text = (kit / "CHECKS.md").read_text()
    assert re.findall(r"^\| `([\w-]+)`", text, re.M) == ["counting", "own-tests"]
    assert "openapi-behaviour" not in text


def github(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "runner").mkdir(exist_ok=True)
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_WORKSPACE": str(tmp_path / "kit"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
        "RUNNER_TEMP": str(tmp_path / "runner"),
    }


def inputs(step: dict[str, Any], **given: str) -> dict[str, str]:
    """The environment of a step, with its inputs filled in as GitHub would."""
    values = {name: entry["default"] for name, entry in ACTION["inputs"].items()} | given
    found = {}
    for name, expression in step["env"].items():
        match = re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", expression)
        assert match
        found[name] = values[match[1]]
    return found


@pytest.mark.extended
def test_the_steps_of_the_action_install_it_and_check_a_submission(tmp_path: Path, kit: Path) -> None:
    install, check = ACTION["runs"]["steps"]
    env = github(tmp_path)
    traps = lay_traps(kit)
    done = run(install["run"], kit, env)
    assert (done.returncode, (kit / "sprung").exists()) == (0, False), done.stderr
    for trap in traps:
        trap.unlink()
    # What a shell would run, were it not only text.
    out = str(tmp_path / "out $(touch owned)`touch owned`")
    given = inputs(check, challenge=f"{PACK}/count_words", out=out, **{"fail-under": "50"})
    done = run(check["run"], kit, env | given)
    assert done.returncode == 1, done.stderr + done.stdout
    assert re.search(r"^::error file=app/main\.py,line=1,title=Words are not counted::", done.stdout, re.M)
    outputs = dict(line.split("=", 1) for line in (tmp_path / "outputs").read_text().splitlines())
    assert outputs == {"results": out, "score": "0.0", "gradable": "true"}
    assert "Words are not counted" in (tmp_path / "summary.md").read_text()
    assert {"result.json", "report.html", "junit.xml", "takehome.sarif"} <= {p.name for p in Path(out).iterdir()}
    assert not (kit / "owned").exists()


@pytest.mark.extended
def test_the_component_installs_what_it_is_given_and_checks_a_submission(tmp_path: Path, kit: Path) -> None:
    env = {
        "TAKEHOME_PACKAGE": str(wheel(tmp_path)),
        "PIP_NO_INDEX": "1",
        "TMPDIR": str(tmp_path / "temporary"),
        "CI_PROJECT_DIR": str(kit),
        "CHECK_PATH": ".",
        "CHECK_CHALLENGE": f"{PACK}/count_words",
        "CHECK_FAIL_UNDER": "1",
    }
    (tmp_path / "temporary").mkdir()
    done = run("\n".join([*JOB["before_script"], *JOB["script"]]), kit, env, SH)
    assert done.returncode == 1, done.stderr
    reports = JOB["artifacts"]["reports"]
    (issue, *_) = json.loads((kit / reports["codequality"]).read_text())
    assert (issue["check_name"], issue["location"]["path"]) == ("counting", "app/main.py")
    assert sum(suite.failures for suite in JUnitXml.fromstring((kit / reports["junit"]).read_bytes())) == 2
    # The next job of this machine, another candidate's, finds nothing.
    assert list((tmp_path / "temporary").iterdir()) == []
