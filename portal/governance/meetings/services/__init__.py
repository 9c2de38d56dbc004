"""What the secretariat does with meetings and matters."""
