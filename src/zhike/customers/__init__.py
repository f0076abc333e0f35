"""The archive: accounts, their tree, sites, people, holdings, contracts and teams. Refuses scores."""
