"""Which settings hold: ZHIKE_ENV names `dev` (default), `test` or `production`. Refuses any other name."""
