"""The thin trainer: LoRA, a supervised stage that teaches the format, then GRPO against composed rewards.

Nothing heavy is imported here: torch, TRL and Unsloth come in when a stage needs them.
"""
