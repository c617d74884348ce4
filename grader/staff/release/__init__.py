"""Makes what others get: stubs, golden answers, the handout, Gradescope's zip."""
