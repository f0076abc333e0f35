"""Loading accepted rows into archive and lake, set by set. Refuses to judge text: rows arrive already typed."""
