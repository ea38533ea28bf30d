"""Tests of the assembly: supervisor, commands, settings."""
