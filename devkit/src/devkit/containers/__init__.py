"""The product in containers: images, and services under Docker Compose."""
