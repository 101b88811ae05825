"""Judgement: raw tables and the policy in; one decision per household row, who takes part, and the instance to solve out."""
