"""The policy: everything that differs between counties."""

from matcher.policy.model import Policy
from matcher.policy.read import doubts, read_policy

__all__ = ["Policy", "doubts", "read_policy"]
