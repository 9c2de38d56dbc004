"""Acts on applications that both sides need."""
