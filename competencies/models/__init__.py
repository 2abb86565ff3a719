from competencies.models.audiences import Audience as Audience
from competencies.models.audiences import AudienceRule as AudienceRule
from competencies.models.audiences import RequiredCompetency as RequiredCompetency
from competencies.models.courses import CourseCompetency as CourseCompetency
from competencies.models.frameworks import Competency as Competency
from competencies.models.frameworks import Framework as Framework
from competencies.models.frameworks import Level as Level
