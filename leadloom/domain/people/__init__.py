"""Who is one person? What is compared, how alike it is, and what follows."""
