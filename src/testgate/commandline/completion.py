"""Completion scripts for shells. They complete commands, flags, and values where an input has only a few."""

from collections.abc import Iterator

from testgate.commandline.flags import WORDS, flags, is_switch
from testgate.inputs.values import closest

_BASH = """_testgate() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  case $previous in
{cases}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "{words} --help --version" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "{flags} --help" -- "$current")
  fi
}}
complete -o default -F _testgate testgate
"""
SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """The script for a shell.

    Raises:
        ValueError: there is none for it.

    """
    if shell == "fish":
        return "".join(_fish())
    if shell in SHELLS:
        return ("autoload -U +X bashcompinit && bashcompinit\n" if shell == "zsh" else "") + _bash()
    near = closest(shell, SHELLS)
    raise ValueError(f"there is no completion for {shell!r}; there is for {near or ', '.join(SHELLS)}")


def _bash() -> str:
    """The script for bash."""
    cases = [
        f'    --{name}) mapfile -t COMPREPLY < <(compgen -W "{" ".join(each.choices)}" -- "$current"); return ;;'
        for name, each in flags().items()
        if each.choices
    ]
    names = " ".join(f"--{name}" for name in flags())
    return _BASH.format(cases="\n".join(cases), words=" ".join(WORDS), flags=names)


def _fish() -> Iterator[str]:
    """The script for fish."""
    for word, meaning in WORDS.items():
        yield f"complete -c testgate -n __fish_use_subcommand -f -a {word} -d '{_quoted(meaning)}'\n"
    for name, each in flags().items():
        values = f" -a '{' '.join(each.choices)}'" if each.choices else ""
        needs = "" if is_switch(each) else " -r"
        first = each.description.partition(".")[0].replace("`", "")
        yield f"complete -c testgate -l {name}{needs}{values} -d '{_quoted(first)}'\n"


def _quoted(text: str) -> str:
    """The text for single quotes of fish."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
