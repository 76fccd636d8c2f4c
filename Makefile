# Everything a person needs, in six words. Each is a thin line over ./dev, which finds Python and keeps the environment.
.PHONY: help demo test up check bench format lock
help: ## what there is
	@./dev help
demo: ## play the example world's 90 days to their end and print what came of it
	@./dev demo
test: ## all tests, against real Postgres, Temporal and SMTP
	@./dev test
up: ## the example world, live, with its console; Ctrl-C stops everything
	@./dev up
check: ## lint, types, imports
	@./dev check
bench: ## benchmarks against named floors
	@./dev bench
format: ## let ruff put things in order
	@./dev format
lock: ## pin the requirements again, with hashes
	@./dev lock
