"""Who may see and do what, by role, team and region; and how whoever comes proves who they are."""
