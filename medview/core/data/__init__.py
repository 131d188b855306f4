"""What was opened: series records without pixels, volumes, images and slides."""
