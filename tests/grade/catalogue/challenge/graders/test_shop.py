"""The suite of the small shop. The fake prober plays how it ends; nothing here is run."""
