"""`newsdesk completion`: the script that makes a shell complete commands, options and ids."""

from __future__ import annotations

import os

import click
from click.shell_completion import get_completion_class, shell_complete

PROGRAM = "newsdesk"
VARIABLE = "_NEWSDESK_COMPLETE"  # what the shell asks by; click's own name for it


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script for shell completion.

    It completes commands, options, ids of articles and names of sources.

    \b
    eval "$(newsdesk completion bash)"     in ~/.bashrc
    eval "$(newsdesk completion zsh)"      in ~/.zshrc
    newsdesk completion fish | source      in ~/.config/fish/config.fish

    Exit codes: 0 done, 2 another shell than these.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    # Not kind.source(): that starts bash to ask for its version.
    script = kind(context.find_root().command, {}, PROGRAM, VARIABLE)
    print(script.source_template % script.source_vars())


def answer_shell(group: click.Group) -> int | None:
    """Answer a shell that asks for completions; returns the exit code, or None if none asks."""
    instruction = os.environ.get(VARIABLE)
    return shell_complete(group, {}, PROGRAM, VARIABLE, instruction) if instruction else None
