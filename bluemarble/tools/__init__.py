"""Programs for operators, testers and developers."""
