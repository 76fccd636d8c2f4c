# What a person needs, a word each. Each is a thin line over ./dev, which finds Python and keeps the environment.
.PHONY: help demo test up check bench chaos chaos-mail format lock
help: ## what there is
	@./dev help
demo: ## play the example world's 90 days to their end and print what came of it; DATA=leads.csv plays yours
	@./dev demo $(if $(DATA),--data "$(DATA)")
test: ## all tests, against real Postgres, Temporal and SMTP
	@./dev test
up: ## the example world, live, with its console; Ctrl-C stops everything
	@./dev up
check: ## lint, types, imports
	@./dev check
bench: ## speed and cost beside their floors, measured here and now
	@./dev bench
chaos: ## kill workers and servers in the middle of a campaign, then count every mail
	@./dev chaos
chaos-mail: ## the crash table: 3,000 mails while workers, Postgres, replies and the disk fail; minutes
	@./dev chaos-mail
format: ## let ruff put things in order
	@./dev format
lock: ## pin the requirements again, with hashes
	@./dev lock
