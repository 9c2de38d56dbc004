"""An invented installation to click through.

Two chambers with members, money, papers and applications at every step.
"""
