"""The pure core of billing: payment codes and proration."""
