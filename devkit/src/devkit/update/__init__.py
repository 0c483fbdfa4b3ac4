"""Takes what is new in the starter into a product: the difference of two products, merged by git into the team's."""
