"""What the README and the compose file promise exists."""

import re
import subprocess

import pytest

from dev.environment import paths

PAGES = ["README.md", *sorted(f"docs/{p.name}" for p in paths.ROOT.glob("docs/*.md"))]


@pytest.fixture(scope="module")
def help_lines():
    """``make help``, a line a target."""
    answer = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(line.split(maxsplit=1) for line in answer.stdout.splitlines())


def targets() -> set[str]:
    """All targets of the Makefile."""
    makefile = (paths.ROOT / "Makefile").read_text()
    return set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_help_lists_all_targets(help_lines):
    assert set(help_lines) == targets()
    assert all(help_lines.values())


@pytest.mark.parametrize("file", PAGES)
def test_every_command_a_page_names_exists(file):
    text = (paths.ROOT / file).read_text()
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE))
    assert named <= targets()


def test_the_readme_names_the_two_commands():
    text = (paths.ROOT / "README.md").read_text()
    assert {"demo", "test"} <= set(re.findall(r"make ([a-z]+)", text))


@pytest.mark.parametrize("file", PAGES)
def test_every_link_of_a_page_leads_somewhere(file):
    page = paths.ROOT / file
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_benchmarks_and_faults_can_be_listed():
    for package, name in (
        ("dev.bench", "webhook-accept"),
        ("dev.faults", "drain-killed"),
    ):
        answer = subprocess.run(
            [paths.PYTHON, "-m", package, "no-such-name"],
            cwd=paths.ROOT,
            capture_output=True,
            text=True,
        )
        assert answer.returncode == 2
        assert name in answer.stdout


def test_the_compose_file_is_valid():
    answer = subprocess.run(
        ["docker-compose", "config", "--services"],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert set(answer.stdout.split()) == {"odoo", "postgres", "mail"}
