"""Published figures of accounts: one flat row and one series each, built aside and swapped in whole."""
