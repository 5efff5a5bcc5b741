"""Every endpoint of the platform with everything that can go wrong there, as data, and two ways to play it."""
