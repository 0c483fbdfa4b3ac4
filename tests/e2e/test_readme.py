"""The requests in README.md, typed as they stand there, against the running stack."""

import json
import re
import subprocess

import pytest

pytestmark = pytest.mark.e2e


def test_the_requests_of_the_readme_work_as_they_stand_there(stack, pytestconfig):
    text = (pytestconfig.rootpath / "README.md").read_text(encoding="utf-8")
    (block,) = [block for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL) if "curl" in block]
    post, get = block.strip().replace("localhost:8000", stack.parts["api"]["url"]).splitlines()
    accepted = json.loads(shell(post))
    assert accepted["status"] == "pending"
    done = stack.until(lambda: [each for each in json.loads(shell(get))["items"] if each["status"] == "done"])
    assert accepted["id"] in {each["id"] for each in done} or stack.finished(accepted)["status"] == "done"


def shell(command: str) -> str:
    return subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True).stdout
