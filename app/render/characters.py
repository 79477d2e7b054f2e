"""What is stripped from every rendered text: see `app.domain.characters`, which authority reads with too."""

from app.domain.characters import INVISIBLE, one_line, visible

__all__ = ["INVISIBLE", "one_line", "visible"]
