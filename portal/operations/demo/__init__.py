"""An invented installation to click through: two chambers with members, money, papers and applications at every step."""
