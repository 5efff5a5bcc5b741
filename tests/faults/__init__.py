"""Every endpoint of the platform with everything that can go wrong there: the table as data, and ways to play it."""
