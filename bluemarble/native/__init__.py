"""The C module's Python face: lengths checked, codes turned into exceptions."""
