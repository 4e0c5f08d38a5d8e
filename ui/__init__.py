"""What the pages share: theme, guard, widgets, components."""
