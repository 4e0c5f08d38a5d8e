"""Images as the dashboard makes and checks them: uploads, masks, scribbles, contact sheets."""
