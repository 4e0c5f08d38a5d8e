"""Reads the template: its intrinsic functions resolved as in an account of example values."""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from cfnlint.decode import decode

from tests.support.helpers import ROOT

TEMPLATE: Final = ROOT / "deploy" / "template.yaml"
ACCOUNT: Final = "arn:aws:{}:eu-west-1:123456789012:{}"
PSEUDO: Final = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::StackName": "contrapposto",
}
ARNS: Final = {
    "AWS::CodeBuild::Project": ("codebuild", "project/"),
    "AWS::Cognito::UserPool": ("cognito-idp", "userpool/"),
    "AWS::ECR::Repository": ("ecr", "repository/"),
    "AWS::Logs::LogGroup": ("logs", "log-group:"),
    "AWS::SNS::Topic": ("sns", ""),
    "AWS::SQS::Queue": ("sqs", ""),
    "AWS::SecretsManager::Secret": ("secretsmanager", "secret:"),
}
NO_VALUE: Final = object()


@cache
def load(path: Path = TEMPLATE) -> dict[str, Any]:
    """The template, with CloudFormation's short tags written out as its long form."""
    loaded, problems = decode(str(path))
    assert problems == []
    plain: dict[str, Any] = json.loads(json.dumps(loaded))
    return plain


@dataclass
class Stack:
    """The template with these parameters, the others at their defaults."""

    parameters: dict[str, Any] = field(default_factory=dict)
    template: dict[str, Any] = field(default_factory=load)

    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources that are made, by their logical names."""
        every = self.template["Resources"]
        made = {name: r for name, r in every.items() if self._holds(r.get("Condition"))}
        return {name: self.resolve(resource) for name, resource in made.items()}

    def properties(self, name: str) -> dict[str, Any]:
        """The properties of one resource."""
        found: dict[str, Any] = self.resources()[name]["Properties"]
        return found

    def statements(self, role: str) -> list[dict[str, Any]]:
        """What a role may do."""
        policies = self.properties(role)["Policies"]
        return [s for policy in policies for s in policy["PolicyDocument"]["Statement"]]

    def actions(self, role: str) -> set[str]:
        """Every action that a role may do somewhere."""
        return {a for s in self.statements(role) for a in listed(s["Action"])}

    def resolve(self, value: Any) -> Any:
        """A value with every intrinsic function computed."""
        if isinstance(value, list):
            return [r for item in value if (r := self.resolve(item)) is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if (
            len(value) == 1
            and (name := next(iter(value)))
            and (name == "Ref" or name[:4] == "Fn::")
        ):
            return self._function(name, value[name])
        items = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in items.items() if item is not NO_VALUE}

    def _function(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._ref(argument)
        if name == "Fn::GetAtt":
            return self._attribute(*argument)
        if name == "Fn::Sub":
            return re.sub(r"\$\{([\w:.]+)\}", lambda found: str(self._ref(found[1])), argument)
        if name == "Fn::If":
            return self.resolve(argument[1 if self._holds(argument[0]) else 2])
        arguments = self.resolve(argument)
        if name == "Fn::Join":
            return arguments[0].join(listed(arguments[1]))
        raise AssertionError(f"{name} is not known here")

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self.template["Parameters"]:
            default = self.template["Parameters"][name].get("Default", f"{name.lower()}-1")
            return self.parameters.get(name, default)
        kind = self.template["Resources"][name]["Type"]
        return self._attribute(name, "Arn") if "Topic" in kind or "Secret" in kind else name

    def _attribute(self, name: str, attribute: str) -> str:
        kind = self.template["Resources"][name]["Type"]
        if attribute != "Arn":
            return f"{name}.{attribute}"
        if kind == "AWS::IAM::Role":
            return f"arn:aws:iam::123456789012:role/{name}"
        service, prefix = ARNS[kind]
        return ACCOUNT.format(service, prefix + name)

    def _holds(self, condition: Any) -> bool:
        if condition is None:
            return True
        if isinstance(condition, str):
            return self._holds(self.template["Conditions"][condition])
        ((name, argument),) = condition.items()
        if name == "Condition":
            return self._holds(argument)
        if name == "Fn::Equals":
            first, second = self.resolve(argument)
            return str(first) == str(second)
        results = [self._holds(each) for each in argument]
        return (
            {"Fn::And": all, "Fn::Or": any}[name](results) if name != "Fn::Not" else not results[0]
        )


def listed(value: Any) -> list[Any]:
    """The value as a list, as IAM takes either."""
    return value if isinstance(value, list) else [value]
