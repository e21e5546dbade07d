"""Requests that nobody honest sends, generated from properties, and the doors they are sent to."""
