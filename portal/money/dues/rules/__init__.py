"""The pure core of dues: fixed amounts, proration, days that are paid."""
