"""Notices need a roll: the same invented members."""

from tests.roll.conftest import enter as enter
